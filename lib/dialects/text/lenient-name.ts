/**
 * The longest name that is judged as another's spelling, some times as long as any that a server is known to read.
 * Normalizing takes time that grows with the square of the length: seconds for 64 KB of combining marks.
 */
export const MOST_JUDGED_CHARACTERS = 128;

/**
 * A field's name without case and lookalikes, as some servers read it; null for one that is too long to be read as
 * any that they know.
 */
export const lenientName = (name: string): string | null =>
  name.length > MOST_JUDGED_CHARACTERS ? null : name.normalize("NFKC").toLowerCase();
