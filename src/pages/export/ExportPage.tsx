import { PageHeader } from '../../components/PageHeader';

/** The Export page. */
export default function ExportPage() {
  return <PageHeader title="Export" />;
}
