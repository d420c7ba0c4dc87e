import { hash } from "node:crypto";
import { hostname } from "node:os";
import { processIdentity, processState } from "#lib/db/embedded/processes";

/** A process on this machine or another. The identity distinguishes it from later ones with the same pid. */
type Holder = { pid: number; identity: string; host: string };

/** The parts of a journal's file name: the process that wrote it, and the one that owns it now. */
export type JournalName = Holder & { originId: string; ownerId: string };

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const NAME = new RegExp(`^(${UUID})\\.(${UUID})\\.(\\d+)-([0-9a-f]{12})-([0-9a-f]{12})\\.jsonl$`);
/** A process on another machine cannot be inspected; it updates its file's time every 15 seconds. */
const DEAD_AFTER_MS = 60_000;

export const self = (): Holder => ({
  pid: process.pid,
  identity: digest(processIdentity(process.pid)),
  host: digest(hostname()),
});

export const nameOf = ({ originId, ownerId, pid, identity, host }: JournalName): string =>
  `${originId}.${ownerId}.${pid}-${identity}-${host}.jsonl`;

/** Parses a journal's file name. @returns null for other files */
export function parseName(file: string): JournalName | null {
  const [, originId, ownerId, pid, identity, host] = NAME.exec(file) ?? [];
  if (!originId || !ownerId || !pid || !identity || !host) return null;
  return { originId, ownerId, pid: Number(pid), identity, host };
}

/** Whether a journal's owner is still running. @param silenceMs how long its file has been unchanged */
export function isAlive(holder: Holder, silenceMs: number): boolean {
  if (holder.host !== digest(hostname())) return silenceMs < DEAD_AFTER_MS;
  return processState(holder.pid) === "running" && digest(processIdentity(holder.pid)) === holder.identity;
}

const digest = (text: string) => hash("sha256", text, "hex").slice(0, 12);
