/** As much of user space as the driver model needs: loading of modules. */
export { coldplug } from './coldplug';
export { fnmatch } from './fnmatch';
export { modprobe } from './modprobe';
export { ModuleIndex } from './module-index';
export { Udev, type UdevRecord } from './udev';
