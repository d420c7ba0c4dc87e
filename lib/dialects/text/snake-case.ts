const UNDERSCORE = 0x5f;

/** Whether a name has only small letters, digits and underscores. Each body has many names: a loop costs less than a search. */
export function isSnakeCase(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if ((code < 0x61 || code > 0x7a) && code !== UNDERSCORE && (code < 0x30 || code > 0x39)) return false;
  }
  return true;
}
