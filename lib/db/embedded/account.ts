import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { StartUpError } from "#lib/config/start-up-error";

/**
 * The user PostgreSQL runs as: it rejects root and users without a name. `ownerUid` must own its files, undefined on
 * systems without owners; `command` precedes the program.
 */
export type Account = { ownerUid: number | undefined; command: readonly string[] };

type PasswdEntry = { uid: number; gid: number };

const WITH_PARENT = ["setpriv", "--pdeathsig", "INT"];

/** @throws StartUpError for root, and for a user without a name, if the system has no alternative */
export function chooseAccount(): Account {
  const uid = process.getuid?.();
  if (uid !== 0 && hasName()) return { ownerUid: uid, command: [] };
  // In the namespace it is "nobody", outside it is this user, so files need no other owner.
  const { uid: mapped, gid } = unprivilegedUser();
  const inNamespace = ["unshare", "-U", `--map-user=${mapped}`, `--map-group=${gid}`];
  if (runs(inNamespace)) return { ownerUid: uid, command: inNamespace };
  if (uid === 0) return nobodyAccount();
  throw new StartUpError(
    `PostgreSQL does not run as a user without a name (uid ${uid}): add the user to /etc/passwd, or set DATABASE_URL.`,
  );
}

/** Root's fallback, for containers that forbid user namespaces. */
export function nobodyAccount(): Account {
  const { uid, gid } = unprivilegedUser();
  // It keeps the capability to traverse folders, since node_modules may be under a home of mode 0700.
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
 * Builds the command that runs a program as `account` and, if the system can, interrupts it when this process dies, so
 * that the database ends after a `kill -9`.
 */
export function commandAs(
  account: Account,
  program: string,
  parameters: readonly string[],
): readonly string[] {
  const bound = runs(WITH_PARENT) ? WITH_PARENT : [];
  return [...account.command, ...bound, program, ...parameters];
}

/** Containers run with any uid. Node looks up its name as initdb does, and throws without one. */
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
    // Systems without this file have other users; PostgreSQL reports what it needs.
  }
  return chooseUnprivileged(passwd);
}

/** Returns "nobody" of a passwd file, otherwise its first user other than root. */
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
