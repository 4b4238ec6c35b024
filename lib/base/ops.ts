import { busProbeDevice, busRescanDevices, deviceReprobe } from './bus-device';
import { busRegister, busUnregister, subsysInterfaceRegister, subsysInterfaceUnregister } from './bus-register';
import { classInterfaceRegister, classInterfaceUnregister, classRegister, classUnregister } from './class-register';
import { deviceAttach, deviceBindDriverTo, deviceDriverAttach, driverAttach, driverMatchDevice } from './dd';
import { deviceAdd } from './device-add';
import { deviceCreateFile } from './device-attrs';
import { deviceDel, deviceUnregister } from './device-del';
import { deviceMove, deviceRename } from './device-move';
import { deviceUevent } from './device-uevent';
import { driverCreateFile, driverRegister, driverSetOverride, driverUnregister } from './driver-register';
import { deviceLinkAdd } from './links/link-add';
import { deviceLinkRemove } from './links/link-del';
import { deviceIsDependent } from './links/link-graph';
import { deviceOffline, deviceOnline } from './online';
import { dpmResumeEnd, dpmResumeStart } from './power/resume';
import { dpmSuspendEnd, dpmSuspendStart } from './power/suspend';
import { deviceReleaseDriver } from './release-driver';
import { deviceShutdown } from './shutdown';

/**
 * What the methods of devices, drivers, buses and classes call. They reach it through their kernel, so that the classes
 * do not import the functions that work on them.
 */
export const ops = {
  busProbeDevice,
  busRegister,
  busRescanDevices,
  busUnregister,
  classInterfaceRegister,
  classInterfaceUnregister,
  classRegister,
  classUnregister,
  deviceAdd,
  deviceAttach,
  deviceBindDriverTo,
  deviceCreateFile,
  deviceDel,
  deviceDriverAttach,
  deviceIsDependent,
  deviceLinkAdd,
  deviceLinkRemove,
  deviceMove,
  deviceOffline,
  deviceOnline,
  deviceReleaseDriver,
  deviceRename,
  deviceReprobe,
  deviceShutdown,
  deviceUevent,
  deviceUnregister,
  dpmResumeEnd,
  dpmResumeStart,
  dpmSuspendEnd,
  dpmSuspendStart,
  driverAttach,
  driverCreateFile,
  driverMatchDevice,
  driverRegister,
  driverSetOverride,
  driverUnregister,
  subsysInterfaceRegister,
  subsysInterfaceUnregister,
};
