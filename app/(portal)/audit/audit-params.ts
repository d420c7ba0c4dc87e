import { createLoader, createParser, createSerializer } from "nuqs/server";
import { parseAsDay, parseAsUuid } from "../address-parsers";

const word = createParser({
  parse: (value) => (/^[^\p{Cc}\p{Cs}]{1,200}$/u.test(value) ? value : null),
  serialize: (value: string) => value,
});

/** The query parameters of the audit log, for the page and its filters. */
export const auditParsers = {
  action: word,
  type: word,
  actor: word,
  /** Set by links from other pages. */
  subject: word,
  organization: parseAsUuid,
  from: parseAsDay,
  /** The last day, inclusive. */
  to: parseAsDay,
  cursor: createParser({
    parse: (value) => (/^\d{1,15}$/.test(value) ? value : null),
    serialize: (value: string) => value,
  }),
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
