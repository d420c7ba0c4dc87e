"use client";

import { List } from "lucide-react";
import Link from "next/link";
import { useState, useTransition } from "react";
import { count } from "#components/format/count";
import { plural } from "#components/format/limit-words";
import { Button } from "#components/ui/button";
import { Callout } from "#components/ui/callout";
import { Card, CardHeader } from "#components/ui/card";
import { Input } from "#components/ui/input";
import { ActionsTd, ActionsTh, Table, Td, Th, Tr } from "#components/ui/table";
import type { listProviderModels } from "#lib/services/providers/list-provider-models";
import type { ActionOf, OutputOf } from "#lib/services/verb";

type Listed = OutputOf<typeof listProviderModels>["data"];

type Props = {
  provider: { id: string; name: string };
  /** The names at the provider that models have as a target. */
  served: readonly string[];
  list: ActionOf<typeof listProviderModels>;
};

const SHOWN = 100;

/** What a provider says that it offers, when asked, with a way to serve it. */
export function ListedModels({ provider, served, list }: Props) {
  const [pending, startTransition] = useTransition();
  const [listed, setListed] = useState<Listed | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [search, setSearch] = useState("");
  const ask = () =>
    startTransition(async () => {
      const result = await list({ id: provider.id });
      setProblem(result.ok ? null : result.error.message);
      if (result.ok) setListed(result.data.data);
    });
  const found = (listed ?? []).filter(({ id }) => id.toLowerCase().includes(search.trim().toLowerCase()));
  return (
    <Card>
      <CardHeader
        title="What it offers"
        aside={
          <Button size="sm" pending={pending} onClick={ask}>
            {pending ? null : <List aria-hidden="true" />}
            {listed === null ? "List models" : "List again"}
          </Button>
        }
      />
      {problem ? (
        <Callout tone="danger" className="mx-4 mb-4">
          {problem}
        </Callout>
      ) : null}
      {listed === null ? (
        <p className="px-4 pb-4 text-ink-3 text-sm">Asks the provider which models it has. Costs nothing.</p>
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-3 px-4 pb-3">
            <Input
              type="search"
              aria-label="Search its models"
              placeholder="Search"
              className="h-8 w-full sm:w-64"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
            <p className="text-ink-3 text-xs" role="status">
              {found.length > SHOWN
                ? `The first ${SHOWN} of ${plural(found.length, "model")}`
                : plural(found.length, "model")}
            </p>
          </div>
          <div className="border-t">
            <ModelsTable models={found.slice(0, SHOWN)} {...{ provider, served }} />
          </div>
        </>
      )}
    </Card>
  );
}

type TableProps = Pick<Props, "provider" | "served"> & { models: Listed };

const ModelsTable = ({ models, provider, served }: TableProps) => (
  <Table
    label={`Models of ${provider.name}`}
    head={
      <>
        <Th>Model</Th>
        <Th className="hidden text-right sm:table-cell">Context window</Th>
        <ActionsTh />
      </>
    }
  >
    {models.map(({ id, name, context_window: window }) => (
      <Tr key={id}>
        <Td className="max-w-64">
          <code className="block truncate font-mono text-ink text-xs">{id}</code>
          {name === undefined || name === id ? null : (
            <span className="block truncate text-ink-3 text-xs">{name}</span>
          )}
        </Td>
        <Td className="figures hidden text-right text-ink-2 sm:table-cell">
          {window === undefined ? "—" : count(window)}
        </Td>
        <ActionsTd>
          {served.includes(id) ? (
            <span className="pr-2 text-ink-3 text-xs">Served</span>
          ) : (
            <Button size="sm" variant="ghost" asChild>
              <Link
                href={{ pathname: "/models", query: { new: true, provider: provider.id, upstream: id } }}
                aria-label={`Create model ${id}`}
              >
                Create model
              </Link>
            </Button>
          )}
        </ActionsTd>
      </Tr>
    ))}
  </Table>
);
