/** Modules: what can be loaded into a kernel that runs, and taken out again. */
export { driverAliases, driverModule, type DriverModuleOptions, type DriverRegistration } from './driver-module';
export { deleteModule, findModule, initModule, loadedModules } from './load';
export { Module, type ModuleDef, type ModuleState } from './kernel-module';
