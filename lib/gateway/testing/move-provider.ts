import { seal } from "#lib/config/seal";
import { exchangeOver } from "#lib/providers/exchange";
import { credentialsOf } from "#lib/providers/open-provider";
import type { Connections } from "#lib/providers/upstream-agent";
import type { TestGateway } from "./test-gateway";

/** A provider as an administrator gives it. */
export type StoredProvider = { type: string; baseUrl: string | null; credentials: object; settings?: object };

/**
 * Gives the seeded provider another type, with which its models are served.
 * @param encryptionKey the gateway's
 * @param over what its requests go over, such as connections that redirect a token server's host
 */
export async function becomes(
  { sql, seeded, gateway }: TestGateway,
  encryptionKey: string,
  { type, baseUrl, credentials, settings = {} }: StoredProvider,
  over: Connections,
): Promise<void> {
  const id = seeded.ids.provider;
  const sealed = seal(JSON.stringify(credentials), encryptionKey, credentialsOf(id));
  await sql`
    UPDATE providers SET type = ${type}, base_url = ${baseUrl}, credentials = ${sealed},
      settings = ${sql.json({ ...settings })} WHERE id = ${id}`;
  gateway.exchange = exchangeOver(over);
  await gateway.routing({ fresh: true });
}
