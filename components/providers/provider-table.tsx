import { count } from "#components/format/count";
import { MomentCell } from "#components/ui/moment-cell";
import { LinkedTr, RowLink, Table, Td, Th } from "#components/ui/table";
import type { ProviderTableRow } from "#lib/portal/providers/provider-table";
import { ProviderHealth } from "./provider-health";

type Props = { providers: readonly ProviderTableRow[]; nowMs: number };

export const ProviderTable = ({ providers, nowMs }: Props) => (
  <Table
    label="Providers"
    head={
      <>
        <Th>Provider</Th>
        <Th>Health</Th>
        <Th className="hidden text-right sm:table-cell">Models</Th>
        <Th className="hidden text-right md:table-cell">Last answer</Th>
      </>
    }
  >
    {providers.map((provider) => (
      <LinkedTr key={provider.id}>
        <Td className="max-w-44 sm:max-w-72">
          <RowLink href={`/providers/${provider.id}`} className="block">
            {provider.name}
          </RowLink>
          <span className="block truncate text-ink-3 text-xs">
            {provider.base_url === null ? provider.type : `${provider.type} · ${hostOf(provider.base_url)}`}
          </span>
        </Td>
        <Td>
          <ProviderHealth health={provider.health} />
          {provider.down[0] ? (
            <span className="block max-w-64 truncate text-ink-3 text-xs">
              {provider.down[0].upstream_model}: {provider.down[0].reason}
            </span>
          ) : null}
        </Td>
        <Td className="figures hidden text-right text-ink-2 sm:table-cell">{count(provider.models)}</Td>
        <MomentCell iso={provider.last_answer_at} nowMs={nowMs} inLink className="hidden md:table-cell" />
      </LinkedTr>
    ))}
  </Table>
);

const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).host : url);
