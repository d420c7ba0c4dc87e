import { hash } from "node:crypto";
import { hostname } from "node:os";
import { processIdentity, processState } from "#lib/db/embedded/processes";

/** A process on this machine or another, told apart from later ones with the same number. */
type Holder = { pid: number; identity: string; host: string };

/** What a journal's file is called: by whom its lines are, and whose it is now. */
export type JournalName = Holder & { originId: string; ownerId: string };

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const NAME = new RegExp(`^(${UUID})\\.(${UUID})\\.(\\d+)-([0-9a-f]{12})-([0-9a-f]{12})\\.jsonl$`);
/** A holder on another machine cannot be looked at: it touches its file every 15 seconds. */
const BELIEVED_DEAD_AFTER_MS = 60_000;

export const self = (): Holder => ({
  pid: process.pid,
  identity: digest(processIdentity(process.pid)),
  host: digest(hostname()),
});

export const nameOf = ({ originId, ownerId, pid, identity, host }: JournalName): string =>
  `${originId}.${ownerId}.${pid}-${identity}-${host}.jsonl`;

/** Null for other files. */
export function parseName(file: string): JournalName | null {
  const [, originId, ownerId, pid, identity, host] = NAME.exec(file) ?? [];
  if (!originId || !ownerId || !pid || !identity || !host) return null;
  return { originId, ownerId, pid: Number(pid), identity, host };
}

/** @param silenceMs for how long its file has not been touched, as far as we have seen */
export function isAlive(holder: Holder, silenceMs: number): boolean {
  if (holder.host !== digest(hostname())) return silenceMs < BELIEVED_DEAD_AFTER_MS;
  return processState(holder.pid) === "running" && digest(processIdentity(holder.pid)) === holder.identity;
}

const digest = (text: string) => hash("sha256", text, "hex").slice(0, 12);
