(print (orders:pay 7))
