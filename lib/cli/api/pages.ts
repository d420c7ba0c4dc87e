import { z } from "zod";
import type { AdminClient, Answer, Query } from "./client";

/** The largest page of the API. */
const WHOLE_PAGE = 200;

const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.looseObject({ data: z.array(item), next_cursor: z.string().nullable() });

export type Listed<T> = { items: T[]; next: string | null };

/** One page of a list. */
export async function onePage<Item extends z.ZodType>(
  admin: AdminClient,
  path: string,
  item: Item,
  query: Query,
): Promise<Answer<Listed<z.output<Item>>>> {
  const { json, value } = await admin.get(path, pageOf(item), query);
  return { json, value: { items: value.data, next: value.next_cursor } };
}

/** A whole list, read page by page; `json` is one page with all rows. */
export async function allPages<Item extends z.ZodType>(
  admin: AdminClient,
  path: string,
  item: Item,
  query: Query = {},
): Promise<Answer<Listed<z.output<Item>>>> {
  const items: z.output<Item>[] = [];
  const data: unknown[] = [];
  for await (const page of pages(admin, path, item, query)) {
    items.push(...page.items);
    data.push(...page.raw);
  }
  return { json: { data, next_cursor: null }, value: { items, next: null } };
}

/** The first row of a list that is `wanted`; reads no further. */
export async function firstWhere<Item extends z.ZodType>(
  admin: AdminClient,
  path: string,
  item: Item,
  wanted: (row: z.output<Item>) => boolean,
  query: Query = {},
): Promise<z.output<Item> | null> {
  for await (const { items } of pages(admin, path, item, query)) {
    const found = items.find(wanted);
    if (found !== undefined) return found;
  }
  return null;
}

async function* pages<Item extends z.ZodType>(
  admin: AdminClient,
  path: string,
  item: Item,
  query: Query,
): AsyncGenerator<{ items: z.output<Item>[]; raw: unknown[] }> {
  let cursor: string | undefined;
  do {
    const { json, value } = await admin.get(path, pageOf(item), { ...query, limit: WHOLE_PAGE, cursor });
    yield { items: value.data, raw: pageOf(z.unknown()).parse(json).data };
    cursor = value.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
