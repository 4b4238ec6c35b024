import { World, type WorldOptions } from '../../lib/world';

/**
 * Makes every world an isolated one, also those that lib makes, unless the option is false. For mocha's --require: see
 * test:isolate in package.json.
 */
Object.defineProperty(World.prototype, 'options', {
  configurable: true,
  // The constructor assigns to its own property, which comes here.
  set(this: World, options: WorldOptions) {
    const value: WorldOptions = { ...options, isolate: options.isolate ?? true };
    Object.defineProperty(this, 'options', { value, enumerable: true });
  },
});

if (new World().options.isolate !== true) throw new Error('worlds are not isolated');
