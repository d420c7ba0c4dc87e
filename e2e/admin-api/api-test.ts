import { test as base, expect as playwrightExpect } from "../fixtures";
import { ADMIN_API_KEY, ADMIN_EMAIL, ADMIN_PASSWORD } from "../mounts";
import { type Cast, PASSWORD, seedCast } from "./cast";
import { type ApiClient, apiClient } from "./client";
import { readDescription } from "./openapi-description";
import { signInOverHttp } from "./sign-in";

export const expect = playwrightExpect;

/** Callers of the Admin API. Those of an organization belong to `cast.a` unless named otherwise. */
export type Api = {
  cast: Cast;
  adminKey: ApiClient;
  adminToken: ApiClient;
  orgAdminToken: ApiClient;
  viewerToken: ApiClient;
  orgAdminOfBToken: ApiClient;
  adminSession: ApiClient;
  orgAdminSession: ApiClient;
  memberSession: ApiClient;
  viewerSession: ApiClient;
  /** Sends no credentials. */
  anonymous: ApiClient;
  /** A caller with these headers. */
  as(identity: Record<string, string>): ApiClient;
};

/** `api`: clients of the mount's Admin API, one for each role. */
export const test = base.extend<object, { api: Api }>({
  api: [
    async ({ gate }, use) => {
      const cast = await seedCast(gate);
      const secrets = [gate.seeded.canary, ...cast.stored];
      const checks = { description: await readDescription(gate.url), secrets };
      const as = (identity: Record<string, string>) => apiClient(gate.url, identity, checks);
      const bearer = (token: string) => as({ authorization: `Bearer ${token}` });
      const session = async (email: string, password = PASSWORD) =>
        as({ cookie: await signInOverHttp(gate.url, email, password), origin: gate.url });
      await use({
        cast,
        adminKey: bearer(ADMIN_API_KEY),
        adminToken: bearer(cast.tokens.admin),
        orgAdminToken: bearer(cast.tokens.orgAdmin),
        viewerToken: bearer(cast.tokens.viewer),
        orgAdminOfBToken: bearer(cast.tokens.orgAdminOfB),
        adminSession: await session(ADMIN_EMAIL, ADMIN_PASSWORD),
        orgAdminSession: await session(cast.a.orgAdmin.email),
        memberSession: await session(cast.a.member.email),
        viewerSession: await session(cast.a.viewer.email),
        anonymous: as({}),
        as,
      });
    },
    { scope: "worker" },
  ],
});
