// SPDX-License-Identifier: GPL-2.0
/*
 * The only program of the machine that ./run boots: writes what /sys has of the device tree into $HOSTDIR, and stops.
 * One process, for a fork costs more here than all the rest.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEVICES "/sys/bus/platform/devices"
#define BASE "/sys/firmware/devicetree/base"

static FILE *create(const char *ending)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/host/%s.%s", getenv("NAME"), ending);
	return fopen(path, "w");
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/* A link's text behind a letter; nothing for what is no link. */
static void link_line(FILE *out, char letter, const char *path)
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	if (length >= 0)
		fprintf(out, "%c %.*s\n", letter, (int)length, target);
}

/* A file that cannot be read is empty. */
static size_t content(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t length = fd < 0 ? 0 : read(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	length = length < 0 ? 0 : length;
	buf[length] = '\0';
	return length;
}

static void device(FILE *out, const char *name)
{
	char path[PATH_MAX], buf[8192], *line, *end;

	fprintf(out, "D %s\n", name);
	snprintf(path, sizeof(path), DEVICES "/%s", name);
	link_line(out, 'L', path);
	snprintf(path, sizeof(path), DEVICES "/%s/of_node", name);
	link_line(out, 'O', path);
	snprintf(path, sizeof(path), DEVICES "/%s/modalias", name);
	content(path, buf, sizeof(buf));
	buf[strcspn(buf, "\n")] = '\0';
	fprintf(out, "M %s\n", buf);
	snprintf(path, sizeof(path), DEVICES "/%s/uevent", name);
	content(path, buf, sizeof(buf));
	for (line = buf; (end = strchr(line, '\n')); line = end + 1)
		fprintf(out, "U %.*s\n", (int)(end - line), line);
}

static void devices(void)
{
	FILE *out = create("dev");
	struct dirent **entries;
	int i, n = scandir(DEVICES, &entries, not_dots, by_bytes);

	for (i = 0; i < n; i++)
		device(out, entries[i]->d_name);
	fclose(out);
}

static char **found;
static size_t count, room;

static void walk(const char *shown)
{
	char path[PATH_MAX], below[PATH_MAX];
	struct dirent **entries;
	int i, n;

	if (count == room)
		found = realloc(found, (room = 2 * room + 64) * sizeof(*found));
	found[count++] = strdup(shown);
	snprintf(path, sizeof(path), BASE "/%s", shown);
	n = scandir(path, &entries, not_dots, by_bytes);
	for (i = 0; i < n; i++) {
		snprintf(below, sizeof(below), "%s/%s", shown, entries[i]->d_name);
		walk(below);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void tree(void)
{
	FILE *out = create("tree");
	size_t i;

	if (access(BASE, F_OK) == 0)
		walk(".");
	qsort(found, count, sizeof(*found), by_text);
	for (i = 0; i < count; i++)
		fprintf(out, "%s\n", found[i]);
	fclose(out);
}

static void dmesg(void)
{
	static char buf[1 << 18];
	FILE *out = create("dmesg");
	int length = klogctl(3, buf, sizeof(buf));

	fwrite(buf, 1, length < 0 ? 0 : length, out);
	fclose(out);
}

int main(void)
{
	mkdir("/sys", 0755);
	mkdir("/host", 0755);
	if (mount("s", "/sys", "sysfs", 0, NULL) || mount("h", "/host", "hostfs", 0, getenv("HOSTDIR")))
		perror("init: mount");
	devices();
	tree();
	dmesg();
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
