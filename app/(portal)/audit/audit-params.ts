import { createLoader, createSerializer } from "nuqs/server";
import { parseAsDay, parseAsNumberedCursor, parseAsUuid, parseAsWord } from "../address-parsers";

/** The query parameters of the audit log, for the page and its filters. */
export const auditParsers = {
  action: parseAsWord,
  type: parseAsWord,
  actor: parseAsWord,
  /** Set by links from other pages. */
  subject: parseAsWord,
  organization: parseAsUuid,
  from: parseAsDay,
  /** The last day, inclusive. */
  to: parseAsDay,
  cursor: parseAsNumberedCursor,
};

export const loadAuditParams = createLoader(auditParsers);
export const auditHref = createSerializer(auditParsers);

export type AuditParams = Awaited<ReturnType<typeof loadAuditParams>>;

const DAY_MS = 86_400_000;

/** The service's query for these parameters. */
export function toAuditQuery({ action, type, actor, subject, organization, from, to, cursor }: AuditParams) {
  return {
    action: action ?? undefined,
    subject_type: type ?? undefined,
    actor_id: actor ?? undefined,
    subject_id: subject ?? undefined,
    organization_id: organization ?? undefined,
    from: from === null ? undefined : `${from}T00:00:00Z`,
    to: to === null ? undefined : new Date(Date.parse(to) + DAY_MS).toISOString(),
    cursor: cursor ?? undefined,
  };
}

export const isFiltered = ({ cursor, ...filters }: AuditParams): boolean =>
  Object.values(filters).some((value) => value !== null);
