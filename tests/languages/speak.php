<?php
// What a stranger does first with the generated client, against a mock: MAVIBOT_BASE_URL names the address with the key.
declare(strict_types=1);

require 'GuzzleHttp/autoload.php';
spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'Mavibot\\')) {
        require __DIR__ . '/client/lib/' . str_replace('\\', '/', substr($class, strlen('Mavibot\\'))) . '.php';
    }
});

use Mavibot\ApiException;
use Mavibot\Api\{BotApi, DealsApi, MessagesApi, VariablesApi};
use Mavibot\Model\{CallbackParameters, CreateOrderParameters, GetOrderVarsParameters, MessageParameters, SaveVariablesParameters};

function expect(mixed $seen, mixed $wanted): void
{
    if ($seen !== $wanted) {
        throw new RuntimeException('expected ' . var_export($wanted, true) . ', got ' . var_export($seen, true));
    }
}

/** The generator leaves out fields that a schema does not name: a callback with variables of one's own declares them. */
final class PaidCallback extends CallbackParameters
{
    private const VARIABLES = ['amount' => 'int', 'client_city' => 'string'];

    public static function openAPITypes()
    {
        return parent::openAPITypes() + self::VARIABLES;
    }

    public static function openAPIFormats()
    {
        return parent::openAPIFormats() + array_fill_keys(array_keys(self::VARIABLES), null);
    }

    public static function attributeMap()
    {
        return parent::attributeMap() + ['amount' => 'amount', 'client_city' => 'client.city'];
    }

    public static function getters()
    {
        return parent::getters() + ['amount' => 'getAmount', 'client_city' => 'getCity'];
    }

    public function getAmount(): int
    {
        return 4900;
    }

    public function getCity(): string
    {
        return 'Paris';
    }
}

$config = (new Mavibot\Configuration())->setHost((string) getenv('MAVIBOT_BASE_URL'));
$http = new GuzzleHttp\Client();
$messages = new MessagesApi($http, $config);
$variables = new VariablesApi($http, $config);
$deals = new DealsApi($http, $config);
$client = 25554;

expect($messages->message(new MessageParameters(['client_id' => $client, 'message' => 'from PHP'])), 'ok');
expect((new BotApi($http, $config))->callback(new PaidCallback(['client_id' => $client, 'message' => 'order_paid'])), 'ok');

$language = new SaveVariablesParameters(['client_id' => $client, 'variables' => ['client.language' => 'PHP']]);
expect($variables->saveVariables($language), 'ok');
$found = (array) $variables->getVariables($client);
expect($found['language'], 'PHP');
expect($found['city'], 'Paris');

$texts = array_map(static fn ($each) => $each->getText(), $messages->getHistory($client, 20)->getResult());
expect(in_array('from PHP', $texts, true), true);

try {
    $messages->message(new MessageParameters(['client_id' => 1, 'message' => 'nobody']));
    throw new RuntimeException('a message to a client that does not exist was accepted');
} catch (ApiException $error) {
    expect($error->getCode(), 404);
    expect($error->getResponseObject()->getStatus(), 'client_not_found');
}

$deal = $deals->createOrder(new CreateOrderParameters(['client_id' => $client, 'name' => 'Order 17', 'budget' => '4900']));
$order = new GetOrderVarsParameters(['client_id' => $client, 'order_id' => $deal->getOrderId()]);
expect($deals->getOrderVars($order)->getStatus(), 'success');
echo "PHP speaks\n";
