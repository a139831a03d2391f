import { PageHeader } from '../../components/PageHeader';

/** The Data page. */
export default function DataPage() {
  return <PageHeader title="Data" />;
}
