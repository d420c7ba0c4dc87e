/**
 * Next's bundle shares its process with one of ours (instrumentation's, in development `server.ts`, else the
 * portal's), so a module's own variables exist twice. What must be one (pools, windows, drain state) is made
 * here, on `globalThis`.
 */
export function oncePerProcess<T>(name: string, create: () => T): T {
  const key = Symbol.for(`tollgate.${name}`);
  const existing: T | undefined = Reflect.get(globalThis, key);
  if (existing !== undefined) return existing;
  const created = create();
  Reflect.set(globalThis, key, created);
  return created;
}
