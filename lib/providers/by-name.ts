/** An installation has fewer models and addresses. */
const MOST_NAMES = 1_000;

/**
 * Remembers what is read off a name that an administrator has given, such as a model's, since every request needs it.
 * Not for names that clients choose.
 */
export function byName<T>(read: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const value = read(name);
    if (known.size >= MOST_NAMES) known.clear();
    known.set(name, value);
    return value;
  };
}
