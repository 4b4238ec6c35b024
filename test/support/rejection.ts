import { ErrnoError } from '../../lib/errno';

/** The refusal of what `body` does, at once or later. Anything else that is thrown passes through. */
export async function rejection(body: () => unknown): Promise<ErrnoError> {
  try {
    await body();
  } catch (error) {
    if (error instanceof ErrnoError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
