/** What a promise is rejected with. */
export async function thrownBy(body: () => unknown): Promise<unknown> {
  try {
    await body();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** The same, where an Error is expected. */
export async function errorOf(body: () => unknown): Promise<Error> {
  const thrown = await thrownBy(body);
  if (thrown instanceof Error) return thrown;
  throw new Error(`something else than an Error was thrown: ${String(thrown)}`);
}
