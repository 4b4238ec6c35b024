/** What a network device counts. @see include/uapi/linux/if_link.h struct rtnl_link_stats64 */
export const NETDEV_STATS = [
  'rx_packets',
  'tx_packets',
  'rx_bytes',
  'tx_bytes',
  'rx_errors',
  'tx_errors',
  'rx_dropped',
  'tx_dropped',
  'multicast',
  'collisions',
  'rx_length_errors',
  'rx_over_errors',
  'rx_crc_errors',
  'rx_frame_errors',
  'rx_fifo_errors',
  'rx_missed_errors',
  'tx_aborted_errors',
  'tx_carrier_errors',
  'tx_fifo_errors',
  'tx_heartbeat_errors',
  'tx_window_errors',
  'rx_compressed',
  'tx_compressed',
  'rx_nohandler',
] as const;

export type NetStats = Record<(typeof NETDEV_STATS)[number], number>;

export function noStats(): NetStats {
  return Object.fromEntries(NETDEV_STATS.map((name) => [name, 0])) as NetStats;
}
