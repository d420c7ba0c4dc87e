import { type FileHandle, mkdir, open } from "node:fs/promises";

/** Opens a private file for appending. Its directory entry, and the directory itself, survive a power failure. */
export async function openDurably(directory: string, path: string): Promise<FileHandle> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = await open(path, "a", 0o600);
  const folder = await open(directory, "r");
  try {
    await folder.datasync();
  } finally {
    await folder.close();
  }
  return file;
}
