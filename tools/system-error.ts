import { errno, strerror } from '../lib/errno';

/** What went wrong in a system call, as the C library words it. */
export function strerrorOf(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  return Object.hasOwn(errno, code) ? strerror(errno[code as keyof typeof errno]) : String(error);
}
