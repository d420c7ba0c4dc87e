import { config } from "#lib/config/config";
import { oncePerProcess } from "#lib/config/once-per-process";
import { type MailSettings, mailTransport } from "./mail-transport";

export type MailHealth = { configured: false } | { configured: true; healthy: boolean };

/** For how long a probe's answer counts. */
const KEEP_MS = 30_000;
const DEADLINE_MS = 2_000;

type Probe = { healthy: boolean | null; endedAt: number; open: Promise<void> | null };

/**
 * Whether the mail server lets us sign in, asked at most every half minute and by one probe at a time. A server that has not
 * answered within two seconds is unhealthy until it does.
 */
export async function mailHealth(
  settings: MailSettings = config(),
  now: () => number = Date.now,
): Promise<MailHealth> {
  if (settings.SMTP_URL === undefined) return { configured: false };
  const probe = oncePerProcess<Probe>("mail-probe", () => ({ healthy: null, endedAt: 0, open: null }));
  if (probe.healthy !== null && now() - probe.endedAt < KEEP_MS) {
    return { configured: true, healthy: probe.healthy };
  }
  probe.open ??= signsIn(settings).then((healthy) => {
    Object.assign(probe, { healthy, endedAt: now(), open: null });
  });
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), DEADLINE_MS);
  });
  const isLate = (await Promise.race([probe.open, timeout])) === "late";
  clearTimeout(timer);
  return { configured: true, healthy: !isLate && probe.healthy === true };
}

async function signsIn(settings: MailSettings): Promise<boolean> {
  const transport = mailTransport(settings);
  try {
    await transport?.verify();
    return true;
  } catch {
    return false;
  } finally {
    transport?.close();
  }
}
