import { CreateKeyInput, createKey } from "#lib/services/keys/create-key";
import { deleteKey } from "#lib/services/keys/delete-key";
import { getKey, KeyId } from "#lib/services/keys/get-key";
import { Key, NewKey } from "#lib/services/keys/key";
import { keyUsage } from "#lib/services/keys/key-usage";
import { ListKeysQuery, listKeys } from "#lib/services/keys/list-keys";
import { revokeKey } from "#lib/services/keys/revoke-key";
import { RotateKeyInput, rotateKey } from "#lib/services/keys/rotate-key";
import { UpdateKeyInput, updateKey } from "#lib/services/keys/update-key";
import { pageOf } from "#lib/services/page";
import { ScopeUsage } from "#lib/services/usage/scope-usage";
import { type Operation, operation } from "./operation";

const tag = "API keys";

export const apiKeyOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/api-keys",
    summary: "Create an API key",
    description:
      "The answer has the key itself, this once. A user's key counts for their organization; without a user it is the organization's as a whole.",
    tag,
    status: 201,
    input: CreateKeyInput,
    output: NewKey,
    idempotent: true,
    run: createKey,
  }),
  operation({
    method: "GET",
    path: "/api-keys",
    summary: "List API keys",
    tag,
    status: 200,
    input: ListKeysQuery,
    output: pageOf(Key),
    run: listKeys,
  }),
  operation({
    method: "GET",
    path: "/api-keys/{id}",
    summary: "Read an API key",
    tag,
    status: 200,
    input: KeyId,
    output: Key,
    run: getKey,
  }),
  operation({
    method: "PATCH",
    path: "/api-keys/{id}",
    summary: "Change an API key",
    description: "What is left out stays as it is; null removes. It counts from the key's next request on.",
    tag,
    status: 200,
    input: UpdateKeyInput,
    output: Key,
    run: updateKey,
  }),
  operation({
    method: "DELETE",
    path: "/api-keys/{id}",
    summary: "Delete an API key",
    description: "What it has used stays in the ledger, under its id.",
    tag,
    status: 204,
    input: KeyId,
    run: deleteKey,
  }),
  operation({
    method: "POST",
    path: "/api-keys/{id}/revoke",
    summary: "Revoke an API key",
    description:
      "For good: the next request with it, or with the one that it was rotated from, is refused. Safe to repeat.",
    tag,
    status: 200,
    input: KeyId,
    output: Key,
    run: revokeKey,
  }),
  operation({
    method: "POST",
    path: "/api-keys/{id}/rotate",
    summary: "Give an API key a new value",
    description:
      "The old value works for `grace_seconds` more, at most 30 days; a value that was rotated away before ends at once.",
    tag,
    status: 200,
    input: RotateKeyInput,
    output: NewKey,
    idempotent: true,
    run: rotateKey,
  }),
  operation({
    method: "GET",
    path: "/api-keys/{id}/usage",
    summary: "Read what an API key has used",
    description: "In its budget's period, or in the current month without one.",
    tag,
    status: 200,
    input: KeyId,
    output: ScopeUsage,
    run: keyUsage,
  }),
];
