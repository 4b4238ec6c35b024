import { vbus } from '../../../buses/vbus';
import { transportConformance } from '../../support/kit';

describe('my transport', () => {
  transportConformance('vbus, mapped', vbus, { access: ['mapped'] });
});
