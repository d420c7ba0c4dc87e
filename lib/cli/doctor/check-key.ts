import { z } from "zod";
import type { AdminClient } from "#lib/cli/api/client";
import { send } from "#lib/cli/api/send";
import { CliError, EXIT } from "#lib/cli/failure";
import { counted, minute, usd } from "#lib/cli/output/format";
import { findByValue, isWholeKey, keyIn } from "#lib/cli/resources/key-value";
import { type Check, failed, failedWith, ok, warning } from "./check";

const TIMEOUT_MS = 15_000;

const Standing = z.looseObject({
  organization: z.looseObject({ name: z.string() }).nullish(),
  user: z.looseObject({ email: z.string().nullish(), external_id: z.string().nullish() }).nullish(),
  budgets: z
    .array(
      z.looseObject({
        scope: z.string(),
        limit_usd: z.string(),
        period: z.string(),
        remaining_usd: z.string(),
        resets_at: z.string().nullish(),
      }),
    )
    .default([]),
});
const Models = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });

/**
 * What a key may do, or why it may not.
 * @param pasted as people copy it: with quotes, spaces or "Bearer"
 * @param admin finds a key that is known but does not work; null without a token
 */
export async function checkKey(url: string, pasted: string, admin: AdminClient | null): Promise<Check[]> {
  const key = keyIn(pasted);
  const checks: Check[] = [];
  if (key !== pasted) {
    const fix = "Send the key alone; SDKs add the word Bearer.";
    checks.push(warning("key", 'was pasted with quotes, spaces or "Bearer", which are left out here', fix));
  }
  if (/\s/.test(key))
    return [...checks, failed("key", "has a space or a line break in it", "Copy it again.")];
  if (key.startsWith("tg_") && !isWholeKey(key)) {
    const detail = `is not whole: it has ${counted(key.length, "character")}, which do not look like a key of Tollgate`;
    return [
      ...checks,
      failed("key", detail, "Copy all of it, or create one:  npx tollgate key create NAME --user EMAIL"),
    ];
  }
  try {
    const standing = Standing.parse(await json(url, "/v1/me", key));
    const models = Models.parse(await json(url, "/v1/models", key));
    return [...checks, ...standingChecks(standing), await modelsCheck(models.data.length, admin, key)];
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.denied) {
      return [...checks, (await knownKey(admin, key)) ?? failedWith("key", error, FIXES[codeOf(error)])];
    }
    return [...checks, failedWith("key", error)];
  }
}

const FIXES: Readonly<Record<string, string>> = {
  invalid_api_key: "Is it a key of this server? Create one:  npx tollgate key create NAME --user EMAIL",
  payment_expired: "Set a later day:  npx tollgate user update EMAIL --payment-valid-until 2027-12-31",
  organization_suspended: "Resume it:  npx tollgate org resume ORG",
  ip_not_allowed:
    "Send from an allowed address, or change allowed_ips:  npx tollgate key update KEY --allowed-ip ADDRESS",
};

const ErrorCode = z.looseObject({ error: z.looseObject({ code: z.string() }) });
const codeOf = ({ body }: CliError): string => ErrorCode.safeParse(body).data?.error.code ?? "";

async function json(url: string, path: string, key: string): Promise<unknown> {
  const answer = await send(new URL(url + path), {
    headers: { authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return answer.json();
}

function standingChecks({ organization, user, budgets }: z.output<typeof Standing>): Check[] {
  const owner = [user?.email ?? user?.external_id, organization?.name]
    .filter((name) => name != null)
    .join(", ");
  const spent = budgets.filter(({ remaining_usd: left }) => left === "0" || left.startsWith("-"));
  return [
    ok("key", owner === "" ? "works" : `works: ${owner}`),
    ...spent.map(({ scope, limit_usd: limit, period, resets_at: resets }) =>
      failed(
        `budget of the ${scope.replace("_", " ")}`,
        `${usd(limit)} (${period}) is spent`,
        resets == null ? "Raise it, or add credit." : `Raise it, or wait until ${minute(resets)}.`,
      ),
    ),
  ];
}

async function modelsCheck(count: number, admin: AdminClient | null, key: string): Promise<Check> {
  const name = "models of the key";
  if (count > 0) return ok(name, `${counted(count, "model")} can be used`);
  const provider = (await rowOf(admin, key))?.provider_id;
  const fix =
    provider == null
      ? "Check allowed_models of the key, its user and its organization (npx tollgate key get KEY), and npx tollgate model list."
      : `It reaches what its provider lists (npx tollgate provider models ${provider}) and a catalogue prices. Say whose prices apply there:  npx tollgate provider update ${provider} --prices-of openai   Or give a model one:  npx tollgate model create MODEL --provider ${provider} --input-price 1 --output-price 2`;
  return failed(name, "it may use none", fix);
}

const rowOf = async (admin: AdminClient | null, key: string) =>
  admin === null ? null : await findByValue(admin, key).catch(() => null);

/** Why a key that exists does not work. */
async function knownKey(admin: AdminClient | null, key: string): Promise<Check | null> {
  const row = await rowOf(admin, key);
  if (row === null) return null;
  const what = `is "${row.name}" (${row.id}), which`;
  if (row.revoked_at) {
    return failed("key", `${what} was revoked on ${minute(row.revoked_at)}`, "Create another one.");
  }
  if (row.expires_at && Date.parse(row.expires_at) <= Date.now()) {
    const fix = `npx tollgate key update ${row.id} --expires 30d`;
    return failed("key", `${what} expired on ${minute(row.expires_at)}`, fix);
  }
  return null;
}
