import { SecretPanel } from "#components/dialogs/secret-panel";
import { webhookSnippet } from "#components/snippets/webhook-snippet";
import { CodeBlock } from "#components/ui/code-block";

/** A webhook's new secret, shown once, with code that verifies a signature by it. */
export const WebhookSecret = ({ secret, onDone }: { secret: string; onDone: () => void }) => (
  <SecretPanel secret={secret} noun="signing secret" onDone={onDone}>
    <div>
      <p className="mb-1.5 font-medium text-ink text-sm">Verify what arrives</p>
      <CodeBlock className="rounded-lg border bg-sunken" label="Code" code={webhookSnippet(secret)} />
    </div>
  </SecretPanel>
);
