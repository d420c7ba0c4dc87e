/**
 * Creates a value once per process, on `globalThis`. Next's bundle shares its process with one of ours, so a module's
 * variables exist twice; pools, rate windows and drain state must not.
 */
export function oncePerProcess<T>(name: string, create: () => T): T {
  const key = Symbol.for(`tollgate.${name}`);
  const existing: T | undefined = Reflect.get(globalThis, key);
  if (existing !== undefined) return existing;
  const created = create();
  Reflect.set(globalThis, key, created);
  return created;
}
