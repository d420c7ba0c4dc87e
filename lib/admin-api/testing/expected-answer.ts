import type { Role } from "#lib/auth/actor";
import type { Operation } from "../operation";
import type { Caller } from "./callers";
import type { Sample } from "./operation-samples";

/** Whose the target is, for the caller. */
export type Position = "self" | "colleague" | "foreign";

/** Written down again, so that a change of the ranks in lib/services fails these tests. */
const RANKS: readonly Role[] = ["viewer", "member", "org_admin", "admin"];

const isBelow = (role: Role, least: Role): boolean => RANKS.indexOf(role) < RANKS.indexOf(least);

/** Whether a caller sees what is at this position, by the contract. */
export function sees({ role, isInside }: Caller, { of }: Sample, position: Position): boolean {
  if (role === "admin" || of === "installation") return true;
  if (!isInside || position === "foreign") return false;
  return role !== "member" || (of === "person" && position === "self");
}

/** The status by the operation's least role and the scope of its ids. */
export function expectedStatus(
  { role: least, status }: Operation,
  sample: Sample,
  caller: Caller,
  position: Position,
): number {
  if (caller.role === null) return 401;
  // Without an organization there is nothing to administer.
  const role = caller.role === "admin" || caller.isInside ? caller.role : "viewer";
  if (isBelow(role, least)) return 403;
  if (!sees(caller, sample, position)) {
    if (sample.lists !== undefined) return status;
    return role === "member" ? (sample.othersToMember ?? 404) : 404;
  }
  const isTheirs = position === "self" && sample.of === "person";
  if (sample.needs !== undefined && !isTheirs && isBelow(role, sample.needs)) return 403;
  return sample.allowed ?? status;
}
