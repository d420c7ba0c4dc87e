import { count } from "#components/format/count";
import { Moment } from "#components/format/moment";
import { Table, Td, Th, Tr } from "#components/ui/table";
import type { RefusalSum } from "#lib/services/refusals/summarize-refusals";
import { refusalReason } from "./refusal-words";

type Props = { refusals: readonly RefusalSum[]; nowMs: number; showOrganization: boolean };

/** Why, who and how often; on narrow screens who stands under why. */
export function RefusalTable({ refusals, nowMs, showOrganization }: Props) {
  return (
    <Table label="Refused requests">
      <thead>
        <tr>
          <Th>Why</Th>
          <Th className="hidden sm:table-cell">Who</Th>
          {showOrganization ? <Th className="hidden lg:table-cell">Organization</Th> : null}
          <Th className="hidden md:table-cell">Model</Th>
          <Th className="text-right">Times</Th>
          <Th className="hidden text-right sm:table-cell">Last</Th>
        </tr>
      </thead>
      <tbody>
        {refusals.map((refusal) => (
          <Tr key={keyOf(refusal)}>
            <Td className="max-w-64 md:max-w-96">
              <span className="block truncate font-medium text-ink" title={refusal.code}>
                {refusalReason(refusal.code)}
              </span>
              <span className="mt-0.5 block truncate text-ink-3 text-xs" title={refusal.last_message}>
                {refusal.last_message}
              </span>
              <span className="mt-0.5 flex min-w-0 items-center gap-1.5 text-ink-3 text-xs sm:hidden">
                <span className="truncate">
                  <Who refusal={refusal} />
                </span>
                <Moment iso={refusal.last_at} nowMs={nowMs} className="shrink-0" />
              </span>
            </Td>
            <Td className="hidden max-w-52 sm:table-cell">
              <span className="block truncate text-ink-2">
                <Who refusal={refusal} />
              </span>
              {refusal.key_prefix === null ? null : (
                <code className="block truncate font-mono text-ink-3 text-xs">{refusal.key_prefix}…</code>
              )}
            </Td>
            {showOrganization ? (
              <Td className="hidden max-w-44 truncate text-ink-2 lg:table-cell">
                {refusal.organization_id === null
                  ? "—"
                  : (refusal.organization_name ?? "Deleted organization")}
              </Td>
            ) : null}
            <Td className="hidden max-w-44 truncate text-ink-2 md:table-cell">{refusal.model ?? "—"}</Td>
            <Td className="figures text-right font-medium text-ink">{count(refusal.count)}</Td>
            <Td className="figures hidden whitespace-nowrap text-right text-ink-2 sm:table-cell">
              <Moment iso={refusal.last_at} nowMs={nowMs} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

/** By what it came with, and on whose behalf. */
function Who({ refusal }: { refusal: RefusalSum }) {
  const { organization_id, api_key_id, app_id, user_id, user_name } = refusal;
  if (organization_id === null) return "Unknown caller";
  const by =
    api_key_id !== null
      ? (refusal.api_key_name ?? "Deleted key")
      : app_id !== null
        ? (refusal.app_name ?? "Deleted app")
        : null;
  const user = user_id === null ? null : (user_name ?? "Deleted user");
  return [by, user].filter((name) => name !== null).join(" · ") || "—";
}

const keyOf = (refusal: RefusalSum) =>
  [
    refusal.code,
    refusal.organization_id,
    refusal.user_id,
    refusal.api_key_id,
    refusal.app_id,
    refusal.key_prefix,
    refusal.model,
  ].join(" ");
