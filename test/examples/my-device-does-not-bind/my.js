const { devErrProbe, DeviceModel, ErrnoError, virtioBus } = require('../../../lib');

const LAMP_ID = 61;

class Lamp extends DeviceModel {
  deviceId = LAMP_ID;
  name = 'lamp0';

  queueSizes() {
    return [4];
  }

  handle(queue, request) {
    request.complete();
  }
}

const driver = (name, device, probe) => ({ name, bus: virtioBus, idTable: [{ device }], probe, remove() {} });

exports.lamp = new Lamp();
exports.wrongId = driver('wrong_id', 16, () => 0);
exports.myDisk = driver('my_disk', 2, () => 0);
exports.refusing = driver('refusing', LAMP_ID, () => {
  throw new ErrnoError('ENODEV');
});
exports.waiting = driver('waiting', LAMP_ID, (vdev) =>
  devErrProbe(vdev, new ErrnoError('EPROBE_DEFER').errno, 'no clock yet'),
);
