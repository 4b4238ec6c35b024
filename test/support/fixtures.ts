/** Every bus and every way of fitting it to the driver model. */
export { fixtures as ALL_FIXTURES } from './kit/fixtures';
