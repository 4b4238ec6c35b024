import { busProbeDevice, busRescanDevices, deviceReprobe } from './bus-device';
import { busRegister, busUnregister, subsysInterfaceRegister, subsysInterfaceUnregister } from './bus-register';
import { classInterfaceRegister, classInterfaceUnregister, classRegister, classUnregister } from './class-register';
import { deviceAttach, deviceBindDriverTo, deviceDriverAttach, driverAttach, driverMatchDevice } from './dd';
import type { CoreOps } from './core-ops';
import { deviceAdd } from './device-add';
import { deviceCreateFile } from './device-attrs';
import { deviceDel, deviceUnregister } from './device-del';
import { deviceMove, deviceRename } from './device-move';
import { deviceReorderToTail } from './device-order';
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

/** @see CoreOps */
export const ops: CoreOps = {
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
  deviceReorderToTail,
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
