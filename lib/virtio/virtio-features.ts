import { FEATURE, featureBit, hasFeature } from './spec';

/** Feature bits from here on belong to the transport, not to the device type. VIRTIO 1.2 §2.2 */
export const TRANSPORT_F_START = 28;
/** First bit behind those of the transport. @see include/uapi/linux/virtio_config.h */
const TRANSPORT_F_END = 41;

const TRANSPORT_MASK = featureBit(TRANSPORT_F_END) - featureBit(TRANSPORT_F_START);

/** Transport bits that a split queue in memory can do. */
const VRING_MASK = [
  FEATURE.RING_INDIRECT_DESC,
  FEATURE.RING_EVENT_IDX,
  FEATURE.VERSION_1,
  FEATURE.ACCESS_PLATFORM,
  FEATURE.ORDER_PLATFORM,
].reduce((mask, bit) => mask | featureBit(bit), 0n);

/** What a driver can use, as bit numbers. */
export interface FeatureTables {
  readonly featureTable?: readonly number[];
  readonly featureTableLegacy?: readonly number[];
}

/**
 * What device and driver both can: bits of the driver's table, and all bits of the transport, for the transport decides
 * on those.
 *
 * @param offered what the device offers
 * @see drivers/virtio/virtio.c virtio_dev_probe
 */
export function commonFeatures(offered: bigint, { featureTable = [], featureTableLegacy }: FeatureTables): bigint {
  const modern = hasFeature(offered, FEATURE.VERSION_1);
  const table = modern ? featureTable : (featureTableLegacy ?? featureTable);
  const wanted = table.reduce((features, bit) => features | featureBit(bit), 0n);
  return offered & (wanted | TRANSPORT_MASK);
}

/**
 * Takes out the transport bits that a split queue cannot do; other bits stay.
 *
 * @see drivers/virtio/virtio_ring.c vring_transport_features
 */
export function vringTransportFeatures(features: bigint): bigint {
  return features & (VRING_MASK | ~TRANSPORT_MASK);
}

/** As the file `features` prints them: 64 digits, bit 0 first. @see drivers/virtio/virtio.c features_show */
export function featuresText(features: bigint): string {
  return Array.from({ length: 64 }, (_, bit) => (hasFeature(features, bit) ? '1' : '0')).join('');
}
