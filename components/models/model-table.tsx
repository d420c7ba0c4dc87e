import { plural } from "#components/format/limit-words";
import { STRATEGY_WORDS } from "#components/format/price-words";
import { Badge } from "#components/ui/badge";
import { LinkedTr, RowLink, Table, Td, Th } from "#components/ui/table";
import type { Model } from "#lib/services/models/model";
import { PriceCell, PriceTh } from "./price-cell";

export const ModelTable = ({ models }: { models: readonly Model[] }) => (
  <Table
    label="Models"
    head={
      <>
        <Th>Model</Th>
        <Th className="hidden sm:table-cell">Targets</Th>
        <Th className="hidden md:table-cell">Strategy</Th>
        <PriceTh />
      </>
    }
  >
    {models.map((model) => (
      <LinkedTr key={model.id}>
        <Td className="max-w-44 sm:max-w-72">
          <RowLink href={`/models/${model.id}`} className="block">
            {model.name}
          </RowLink>
          {model.aliases.length > 0 ? (
            <span className="block truncate text-ink-3 text-xs">{model.aliases.join(", ")}</span>
          ) : null}
          {model.enabled ? null : <Badge>Disabled</Badge>}
        </Td>
        <Td className="hidden max-w-64 sm:table-cell">
          <span className="block truncate text-ink-2">
            {[...new Set(model.targets.map(({ provider_name }) => provider_name))].join(", ")}
          </span>
          <span className="block text-ink-3 text-xs">{plural(model.targets.length, "target")}</span>
        </Td>
        <Td className="hidden text-ink-2 md:table-cell">{STRATEGY_WORDS[model.strategy]}</Td>
        <PriceCell price={model.price} source={model.price_source} />
      </LinkedTr>
    ))}
  </Table>
);
