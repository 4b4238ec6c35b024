import { ErrnoError } from '../../lib/errno';

/** What `body` throws, at once. */
export function thrownBy(body: () => unknown): Error & { readonly code?: string } {
  try {
    body();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** What `body` throws or is rejected with, at once or later. */
export async function errorOf(body: () => unknown): Promise<Error> {
  try {
    await body();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** {@link errorOf} for an errno; anything else that is thrown passes through. */
export async function rejection(body: () => unknown): Promise<ErrnoError> {
  const error = await errorOf(body);
  if (error instanceof ErrnoError) return error;
  throw error;
}

/** The name of the errno of an operation; empty if it succeeds. */
export async function codeOf(operation: () => unknown): Promise<string> {
  try {
    await operation();
    return '';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}
