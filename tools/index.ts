/**
 * What needs Node: the door `linux-driver-model/node`.
 *
 * @module linux-driver-model/node
 */
export { FileImage } from './file-image';
