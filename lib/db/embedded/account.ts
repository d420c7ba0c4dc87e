import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { StartUpError } from "#lib/config/start-up-error";

/**
 * Whom PostgreSQL runs as: it refuses root, and anybody who has no name on the machine. `ownerUid` is
 * who must own its files, undefined where the system has no such thing; `command` is put before the program.
 */
export type Account = { ownerUid: number | undefined; command: readonly string[] };

type PasswdEntry = { uid: number; gid: number };

const WITH_PARENT = ["setpriv", "--pdeathsig", "INT"];

/** @throws StartUpError for root, and for a user without a name, where the system offers no way around it */
export function chooseAccount(): Account {
  const uid = process.getuid?.();
  if (uid !== 0 && hasName()) return { ownerUid: uid, command: [] };
  // Seen as "nobody" by itself and as us by the files: no extra user, nothing to hand over.
  const { uid: mapped, gid } = unprivilegedUser();
  const inNamespace = ["unshare", "-U", `--map-user=${mapped}`, `--map-group=${gid}`];
  if (runs(inNamespace)) return { ownerUid: uid, command: inNamespace };
  if (uid === 0) return nobodyAccount();
  throw new StartUpError(
    `PostgreSQL does not run as a user without a name (uid ${uid}): add it to /etc/passwd, or set DATABASE_URL.`,
  );
}

/** Root's second choice, for containers that forbid user namespaces. */
export function nobodyAccount(): Account {
  const { uid, gid } = unprivilegedUser();
  // It keeps the right to pass through folders, since node_modules may lie under a home of mode 0700.
  const command = [
    "setpriv",
    `--reuid=${uid}`,
    `--regid=${gid}`,
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
  ];
  if (runs(command)) return { ownerUid: uid, command };
  throw new StartUpError(
    "PostgreSQL does not run as root: start Tollgate as another user, or set DATABASE_URL.",
  );
}

/**
 * The command that runs a program as `account` and, where the system can, interrupts it when this
 * process dies: a `kill -9` must leave no database behind.
 */
export function commandAs(
  account: Account,
  program: string,
  parameters: readonly string[],
): readonly string[] {
  const bound = runs(WITH_PARENT) ? WITH_PARENT : [];
  return [...account.command, ...bound, program, ...parameters];
}

/** Containers run with any uid; Node looks it up as initdb does, and throws. */
function hasName(): boolean {
  try {
    userInfo();
    return true;
  } catch {
    return false;
  }
}

function unprivilegedUser(): PasswdEntry {
  let passwd = "";
  try {
    passwd = readFileSync("/etc/passwd", "utf8");
  } catch {
    // Where there is no such file PostgreSQL has its own ways; it will say so.
  }
  return chooseUnprivileged(passwd);
}

/** "nobody" in a passwd file, else its first user who is not root. */
export function chooseUnprivileged(passwd: string): PasswdEntry {
  const users = passwd.split("\n").map((line) => {
    const [name, , uid, gid] = line.split(":");
    return { name, uid: Number(uid), gid: Number(gid) };
  });
  const found = users.find(({ name }) => name === "nobody") ?? users.find(({ uid }) => uid > 0);
  return { uid: found?.uid ?? 65_534, gid: found?.gid ?? 65_534 };
}

function runs(command: readonly string[]): boolean {
  const [program = "", ...parameters] = [...command, "true"];
  return (
    process.platform === "linux" &&
    spawnSync(/*turbopackIgnore: true*/ program, parameters, { stdio: "ignore" }).status === 0
  );
}
