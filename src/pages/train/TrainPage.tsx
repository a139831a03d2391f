import { PageHeader } from '../../components/PageHeader';

/** The Train page. */
export default function TrainPage() {
  return <PageHeader title="Train" />;
}
