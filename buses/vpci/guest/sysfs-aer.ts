import { attrRo, type AttributeGroup } from '../../../lib/sysfs';
import type { PciDevice } from './device';
import { hasRootControl } from './pcie';

/** Errors that hardware has mended. @see drivers/pci/pcie/aer.c aer_correctable_error_string */
const CORRECTABLE = ['RxErr', 'BadTLP', 'BadDLLP', 'Rollover', 'Timeout', 'NonFatalErr', 'CorrIntErr', 'HeaderOF'];

/** @see drivers/pci/pcie/aer.c aer_uncorrectable_error_string */
const UNCORRECTABLE = [
  'Undefined',
  'DLP',
  'SDES',
  'TLP',
  'FCP',
  'CmpltTO',
  'CmpltAbrt',
  'UnxCmplt',
  'RxOF',
  'MalfTLP',
  'ECRC',
  'UnsupReq',
  'ACSViol',
  'UncorrIntErr',
  'BlockedTLP',
  'AtomicOpBlocked',
  'TLPBlockedErr',
  'PoisonTLPBlocked',
  'DMWrReqBlocked',
  'IDECheck',
  'MisIDETLP',
  'PCRC_CHECK',
  'TLPXlatBlocked',
];

/** Nothing here reports errors, so all are counted 0 times. @see drivers/pci/pcie/aer.c aer_stats_dev_attr */
function counters(names: readonly string[], total: string): string {
  return [...names, `TOTAL_${total}`].map((name) => `${name} 0\n`).join('');
}

const ROOT_PREFIX = 'aer_rootport_';

/** @see drivers/pci/pcie/aer.c aer_stats_attr_group */
export const aerGroup: AttributeGroup<PciDevice> = {
  attrs: [
    attrRo<PciDevice>('aer_dev_correctable', () => counters(CORRECTABLE, 'ERR_COR')),
    attrRo<PciDevice>('aer_dev_fatal', () => counters(UNCORRECTABLE, 'ERR_FATAL')),
    attrRo<PciDevice>('aer_dev_nonfatal', () => counters(UNCORRECTABLE, 'ERR_NONFATAL')),
    ...['total_err_cor', 'total_err_fatal', 'total_err_nonfatal'].map((name) =>
      attrRo<PciDevice>(`${ROOT_PREFIX}${name}`, () => '0\n'),
    ),
  ],
  isVisible: (dev, attr) => (dev.hasAer && (hasRootControl(dev) || !attr.name.startsWith(ROOT_PREFIX)) ? attr.mode : 0),
};
