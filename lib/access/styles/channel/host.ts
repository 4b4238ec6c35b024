import { ENODEV, errno } from '../../../errno';
import type { Hypervisor } from '../../../hypervisor';
import { STYLE } from '../../place';
import { CallArgs } from '../call-args';
import { HandleMap, type HostStyle } from '../host';
import { channelCommand } from './host-commands';
import { ChannelEndpoint, checkQueueSizes } from './host-endpoint';
import { CHANNEL_CALL } from './layout';

/** Style (b) of the mail. A handle is one guest's only. */
export function channelHost(hv: Hypervisor): HostStyle {
  const open = new HandleMap<ChannelEndpoint>();
  const { nr, name } = CHANNEL_CALL;
  hv.defineHypercall({
    nr,
    name,
    isAccess: () => true,
    call: (guest, values) => {
      const args = new CallArgs(hv, guest, name, values);
      const handle = args.number(0, 'handle');
      const endpoint = open.get(guest, handle);
      if (endpoint === undefined)
        throw args.refusal(`guest ${guest.name} has no handle ${String(handle)}`, errno.EBADF);
      if (endpoint.device.gone)
        throw args.refusal(`device ${endpoint.name} of handle ${String(handle)} is gone`, ENODEV);
      return channelCommand(endpoint, args);
    },
  });
  return {
    name: 'channel',
    code: STYLE.CHANNEL,
    windowSize: 0,
    check: checkQueueSizes,
    open(site) {
      const { guest, handle } = site;
      const endpoint = open.add(guest, handle, () => new ChannelEndpoint(site));
      const close = (): void => {
        open.delete(guest, handle);
        endpoint.close();
      };
      return { window: null, close, gone: () => endpoint.gone() };
    },
  };
}
