// SPDX-License-Identifier: GPL-2.0
/*
 * pciscan - has the kernel scan a PCI domain (0001) whose functions are bytes.
 *
 * insmod pciscan.ko path=FILE lastbus=N; FILE is a count (u32) and so many
 * functions: struct header, its registers, which bits of them can be written.
 * All is little-endian.  rmmod takes the domain away.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/kprobes.h>
#include <linux/kernel_read_file.h>
#include <asm/pci.h>

static char *path;
module_param(path, charp, 0);
static int lastbus = 255;
module_param(lastbus, int, 0);

struct header {
	s16 parent;	/* index of the bridge in front of it, -1: the root bus */
	u8 devfn;
	u8 pad;
	u16 size;	/* of the registers */
	u16 pad2;
};

struct function {
	struct header h;
	u8 *regs;
	u8 *writable;
};

static struct function *functions;
static int count;
static void *blob;
static struct pci_bus *root;

static bool is_bridge(struct function *f)
{
	int type = f->regs[PCI_HEADER_TYPE] & 0x7f;

	return type == PCI_HEADER_TYPE_BRIDGE || type == PCI_HEADER_TYPE_CARDBUS;
}

/* The bridge behind @parent that passes @busnr on, -1 for none. */
static int passes_on(int parent, int busnr)
{
	int i;

	for (i = 0; i < count; i++) {
		u8 *regs = functions[i].regs;

		if (functions[i].h.parent != parent || !is_bridge(&functions[i]))
			continue;
		if (regs[PCI_SECONDARY_BUS] == busnr)
			return i;
		if (regs[PCI_SECONDARY_BUS] && regs[PCI_SECONDARY_BUS] < busnr &&
		    busnr <= regs[PCI_SUBORDINATE_BUS])
			return i;
	}
	return -1;
}

/* Who answers at a place: bridges are asked from the root down. */
static struct function *find(int busnr, int devfn)
{
	int parent = -1, bus = 0, i;

	while (bus != busnr) {
		parent = passes_on(parent, busnr);
		if (parent < 0)
			return NULL;
		bus = functions[parent].regs[PCI_SECONDARY_BUS];
	}
	for (i = 0; i < count; i++)
		if (functions[i].h.parent == parent && functions[i].h.devfn == devfn)
			return &functions[i];
	return NULL;
}

static int scan_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	struct function *f = find(bus->number, devfn);
	int i;

	*val = ~0;
	if (!f || where + size > f->h.size)
		return PCIBIOS_SUCCESSFUL;
	*val = 0;
	for (i = 0; i < size; i++)
		*val |= (u32)f->regs[where + i] << (8 * i);
	return PCIBIOS_SUCCESSFUL;
}

static int scan_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 val)
{
	struct function *f = find(bus->number, devfn);
	int i;

	if (!f || where + size > f->h.size)
		return PCIBIOS_SUCCESSFUL;
	for (i = 0; i < size; i++) {
		u8 mask = f->writable[where + i];

		f->regs[where + i] = (f->regs[where + i] & ~mask) | ((val >> (8 * i)) & mask);
	}
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops ops = { .read = scan_read, .write = scan_write };
static struct pci_sysdata sysdata = { .domain = 1, .node = NUMA_NO_NODE };
static struct resource busn = { .name = "pciscan busn", .flags = IORESOURCE_BUS };
static struct resource io = {
	.name = "pciscan io", .start = 0, .end = 0xffff, .flags = IORESOURCE_IO,
};
static struct resource mem = {
	.name = "pciscan mem", .start = 0xc0000000, .end = 0xfebfffff, .flags = IORESOURCE_MEM,
};

/* What is not exported, by its name. */
static void *symbol(const char *name)
{
	static unsigned long (*lookup)(const char *);

	if (!lookup) {
		struct kprobe kp = { .symbol_name = "kallsyms_lookup_name" };

		if (register_kprobe(&kp) < 0)
			return NULL;
		lookup = (void *)kp.addr;
		unregister_kprobe(&kp);
	}
	return (void *)lookup(name);
}

/* Drivers of this kernel must not touch functions that are bytes. */
static int forbid_drivers(struct pci_dev *dev, void *data)
{
	dev->driver_override = kstrdup("(none)", GFP_KERNEL);
	return 0;
}

static void read_functions(void)
{
	u8 *p = blob + sizeof(u32);
	int i;

	for (i = 0; i < count; i++) {
		struct function *f = &functions[i];

		memcpy(&f->h, p, sizeof(f->h));
		f->regs = p + sizeof(f->h);
		f->writable = f->regs + f->h.size;
		p = f->writable + f->h.size;
	}
}

static int __init scan_init(void)
{
	void (*survey)(struct pci_bus *) = symbol("pcibios_resource_survey_bus");
	void (*assign)(struct pci_bus *) = symbol("pci_assign_unassigned_root_bus_resources");
	LIST_HEAD(windows);
	size_t size;
	int n;

	if (!survey || !assign)
		return -ENOENT;
	n = kernel_read_file_from_path(path, 0, &blob, INT_MAX, &size, READING_POLICY);
	if (n < 0)
		return n;
	count = *(u32 *)blob;
	functions = kcalloc(count, sizeof(*functions), GFP_KERNEL);
	read_functions();
	busn.end = lastbus;
	pci_add_resource(&windows, &io);
	pci_add_resource(&windows, &mem);
	pci_add_resource(&windows, &busn);
	pci_lock_rescan_remove();
	root = pci_create_root_bus(NULL, 0, &ops, &sysdata, &windows);
	if (root) {
		pci_scan_child_bus(root);
		survey(root);
		assign(root);
		pci_walk_bus(root, forbid_drivers, NULL);
		pci_bus_add_devices(root);
	}
	pci_unlock_rescan_remove();
	return root ? 0 : -EIO;
}

static void __exit scan_exit(void)
{
	pci_lock_rescan_remove();
	pci_stop_root_bus(root);
	pci_remove_root_bus(root);
	pci_unlock_rescan_remove();
	kfree(functions);
	vfree(blob);
}

module_init(scan_init);
module_exit(scan_exit);
MODULE_LICENSE("GPL");
