import { createOrMoveKey } from "#lib/services/keys/create-or-move-key";
import { deleteKey } from "#lib/services/keys/delete-key";
import { findKey } from "#lib/services/keys/find-key";
import { getKey } from "#lib/services/keys/get-key";
import { keyUsage } from "#lib/services/keys/key-usage";
import { listKeys } from "#lib/services/keys/list-keys";
import { revokeKey } from "#lib/services/keys/revoke-key";
import { rotateKey } from "#lib/services/keys/rotate-key";
import { updateKey } from "#lib/services/keys/update-key";
import { type Operation, operation } from "./operation";

const tag = "API keys";

export const apiKeyOperations: readonly Operation[] = [
  operation("POST /api-keys", createOrMoveKey, {
    tag,
    summary: "Create an API key",
    description:
      "The answer is the only one that contains the key. A user's key also counts toward their organization; a key without a user belongs to the organization as a whole. Administrators move keys here from another gateway with `key`, or with `key_sha256` where only digests are known: clients keep their keys.",
  }),
  operation("GET /api-keys", listKeys, {
    tag,
    summary: "List API keys",
  }),
  operation("POST /api-keys/find", findKey, {
    tag,
    summary: "Find an API key by its value",
    description:
      "For a key that someone has pasted: it is in the body, so that it is in no address and no access log. Also finds a rotated key by its old value.",
  }),
  operation("GET /api-keys/{id}", getKey, {
    tag,
    summary: "Get an API key",
  }),
  operation("PATCH /api-keys/{id}", updateKey, {
    tag,
    summary: "Update an API key",
    description:
      "Fields that are left out keep their values; `null` removes a value. Takes effect on the key's next request.",
  }),
  operation("DELETE /api-keys/{id}", deleteKey, {
    tag,
    summary: "Delete an API key",
    description: "The ledger keeps its usage under its id.",
  }),
  operation("POST /api-keys/{id}/revoke", revokeKey, {
    tag,
    summary: "Revoke an API key",
    description:
      "Permanent: the next request with the key, or with the value it was rotated from, is rejected. Safe to repeat.",
  }),
  operation("POST /api-keys/{id}/rotate", rotateKey, {
    tag,
    summary: "Rotate an API key",
    description:
      "Creates a new value. The old one works for another `grace_seconds`, at most 30 days; one from an earlier rotation stops working at once.",
    idempotent: true,
  }),
  operation("GET /api-keys/{id}/usage", keyUsage, {
    tag,
    summary: "Get an API key's usage",
    description: "In its budget's current period, or in the current month without a budget.",
  }),
];
