import type { Role, TokenActor } from "./actor";

type Rights = Pick<TokenActor, "role" | "organizationId">;

/**
 * The rights of a token whose maker is a user: the lesser of its own and of what the maker has now.
 * @returns null for a maker without rights in the token's organization, which ends the token
 */
export function rightsBoundBy(maker: Rights, token: Rights): Rights | null {
  if (maker.role === "admin") return token;
  const { organizationId } = maker;
  if (organizationId === null) return null;
  const isInside = token.role === "admin" || token.organizationId === organizationId;
  if (!isInside) return null;
  return { role: lesser(maker.role, token.role), organizationId };
}

/** A viewer reads a whole organization and a member sees only what is theirs, so `member` is the lesser of the two. */
function lesser(maker: Exclude<Role, "admin">, token: Role): Role {
  if (maker === "member" || token === "member") return "member";
  return maker === "viewer" || token === "viewer" ? "viewer" : "org_admin";
}
