import type { TestGateway } from "./test-gateway";

/** What an administrator does to the seeded caller, and its reversal. */
export type CallerState = {
  set(gate: TestGateway): Promise<unknown>;
  undo(gate: TestGateway): Promise<unknown>;
};

export const suspendedOrganization: CallerState = {
  set: ({ sql, seeded: { ids } }) =>
    sql`UPDATE organizations SET suspended_at = now() WHERE id = ${ids.organization}`,
  undo: ({ sql, seeded: { ids } }) =>
    sql`UPDATE organizations SET suspended_at = NULL WHERE id = ${ids.organization}`,
};

export const expiredPayment: CallerState = {
  set: ({ sql, seeded: { ids } }) =>
    sql`UPDATE users SET payment_valid_until = '2020-01-01' WHERE id = ${ids.user}`,
  undo: ({ sql, seeded: { ids } }) => sql`UPDATE users SET payment_valid_until = NULL WHERE id = ${ids.user}`,
};

export const revokedKey: CallerState = {
  set: ({ sql, seeded: { ids } }) => sql`UPDATE api_keys SET revoked_at = now() WHERE id = ${ids.apiKey}`,
  undo: ({ sql, seeded: { ids } }) => sql`UPDATE api_keys SET revoked_at = NULL WHERE id = ${ids.apiKey}`,
};
