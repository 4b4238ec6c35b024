export {
  Kobject,
  kobjectGet,
  kobjectGetPath,
  kobjectGetUnlessZero,
  kobjectSetName,
  nameOf,
  type KobjType,
} from './kobject';
export { kobjectAdd, kobjectCreateAndAdd, kobjectDel, kobjectPut } from './kobject-life';
export { kobjectMove, kobjectRename } from './kobject-move';
export { Kset, ksetFindObj, ksetRegister, ksetUnregister, type KsetUeventOps } from './kset';
export { kobjectSynthUevent } from './synth-uevent';
export { UeventEnv, UEVENT_BUFFER_SIZE, UEVENT_NUM_ENVP } from './uevent-env';
export {
  decidingKset,
  KOBJECT_ACTIONS,
  kobjectUevent,
  kobjectUeventEnv,
  UeventSocket,
  type KobjectAction,
  type Uevent,
} from './uevent';
