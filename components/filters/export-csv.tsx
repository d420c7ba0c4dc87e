import { Download } from "lucide-react";
import { Button } from "#components/ui/button";

/** Downloads what a page shows. */
export const ExportCsv = ({ href }: { href: string }) => (
  <Button asChild>
    <a href={href} download>
      <Download aria-hidden="true" />
      Export CSV
    </a>
  </Button>
);
