import { SnippetTabs } from "./snippet-tabs";

export function FirstRequest({ model }: { model: string }) {
  return (
    <div className="mx-auto -mt-8 w-full max-w-xl px-4 pb-10">
      <SnippetTabs apiKey="YOUR_TOLLGATE_KEY" model={model} />
    </div>
  );
}
