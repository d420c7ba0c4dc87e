import { type SQL, sql } from "drizzle-orm";

/**
 * The id of an event that happens once, made of what it is about: a UUID of version 8 (RFC 9562, 5.8), so that it is one
 * to every reader.
 */
export const onceId = (about: SQL): SQL =>
  sql`overlay(overlay(md5(${about}) placing '8' from 13) placing '8' from 17)::uuid`;
